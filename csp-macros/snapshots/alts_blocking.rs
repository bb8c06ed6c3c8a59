let value = csp::__private::block_on(
    csp::__private::alt(
        (a.take(), b.put(v)),
        csp::__private::Order::Priority,
        &SITES[0],
    ),
);
