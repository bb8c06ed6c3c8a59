let value = csp::__private::alt(
        (a.take(), b.put(f::<A, B>(v))),
        csp::__private::Order::Random,
        csp::__site!(Alt, alts),
    )
    .await;
