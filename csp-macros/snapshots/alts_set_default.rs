let value = csp::__private::alts_set(
        &mut set,
        csp::__private::Order::Random,
        &SITES[0],
    )
    .now();
