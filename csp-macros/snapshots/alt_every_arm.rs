let value = {
    csp::take! {
        @ used
    }
    park! {
        @ used
    }
    put! {
        @ used
    }
    take! {
        @ used
    }
    let __guard0: bool = open;
    let __guard2: bool = n > 3;
    let mut __back1 = ::core::option::Option::None;
    let __r = csp::__private::alt(
            (
                csp::__private::when(
                    csp::__private::take_at(&a.b, &SITES[1]),
                    __guard0,
                ),
                csp::__private::put_back(&tx, v, &mut __back1, &SITES[2]),
                csp::__private::when(
                    csp::__private::take_at(&timeout(ms(5)), &SITES[3]),
                    __guard2,
                ),
                csp::__private::park_at(future, &SITES[4]),
            ),
            csp::__private::Order::Priority,
            &SITES[0],
        )
        .await;
    match __r {
        csp::__private::Of4::A(__x) => {
            #[allow(
                unused_variables,
                reason = "the body may only look like using it"
            )]
            let v = csp::__private::given_back(__back1);
            match __x {
                Some(x) => total += x,
                #[allow(
                    unreachable_patterns,
                    reason = "the other pattern may match everything"
                )]
                none => return v,
            }
        }
        csp::__private::Of4::B(__x) => {
            let ok = __x;
            match ok {
                Ok(()) => break,
                Err(_) => continue,
            }
        }
        csp::__private::Of4::C(__x) => {
            #[allow(
                unused_variables,
                reason = "the body may only look like using it"
            )]
            let v = csp::__private::given_back(__back1);
            {
                let __dropped = __x;
            }
            println!("{v}")
        }
        csp::__private::Of4::D(__x) => {
            let r: Result<u8, E> = __x;
            r?
        }
    }
};
