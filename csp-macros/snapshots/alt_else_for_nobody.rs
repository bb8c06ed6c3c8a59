let value = {
    put! {
        @ used
    }
    take! {
        @ used
    }
    let __r = csp::__private::alt(
            (
                csp::__private::take_at(&a, csp::__site!(Take, a)),
                csp::__private::put_at(&tx, 1, csp::__site!(Put, tx)),
            ),
            csp::__private::Order::Random,
            csp::__site!(Alt, alt),
        )
        .await;
    match __r {
        csp::__private::Of2::A(__x) => {
            match __x {
                v => v,
                other => handle(other),
            }
        }
        csp::__private::Of2::B(__x) => {
            match __x {
                _ => 0,
                other => handle(other),
            }
        }
    }
};
