let value = {
    let __result = csp::__private::block_on_choice(
        ::core::pin::pin!(
            csp::__private::alt((a.take(), b.put(v),),
            csp::__private::Order::Priority, & SITES[0])
        ),
    );
    __result
};
