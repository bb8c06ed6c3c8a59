let value = csp::__private::alts_set(
        &mut set,
        csp::__private::Order::Random,
        csp::__site!(Alt, alts),
    )
    .await;
