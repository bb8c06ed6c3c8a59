let value = {
    put! {
        @ used
    }
    take! {
        @ used
    }
    let mut __back0 = ::core::option::Option::None;
    let __r = csp::__private::alt(
            (
                csp::__private::put_back(
                    &tx,
                    v,
                    &mut __back0,
                    csp::__site!(Put, tx),
                ),
                csp::__private::take_at(&rx, csp::__site!(Take, rx)),
            ),
            csp::__private::Order::Random,
            csp::__site!(Alt, alt),
        )
        .now();
    match __r {
        ::core::option::Option::Some(csp::__private::Of2::A(__x)) => {
            {
                let __dropped = __x;
            }
            {}
        }
        ::core::option::Option::Some(csp::__private::Of2::B(__x)) => {
            #[allow(unused_assignments, reason = "whole again, used or not")]
            {
                v = csp::__private::given_back(__back0);
            }
            let x = __x;
            v.push(x)
        }
        ::core::option::Option::None => {
            #[allow(unused_assignments, reason = "whole again, used or not")]
            {
                v = csp::__private::given_back(__back0);
            }
            {}
        }
    }
};
