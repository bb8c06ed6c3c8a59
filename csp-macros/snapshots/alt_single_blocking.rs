let value = {
    take! {
        @ used
    }
    let __r = {
        let __result = csp::__private::block_on(
            ::core::pin::pin!(csp::__private::take_at(& rx, csp::__site!(Take, rx))),
        );
        __result
    };
    {
        match __r {
            Some(v) => v,
            #[allow(
                unreachable_patterns,
                reason = "the other pattern may match everything"
            )]
            _ => 0,
        }
    }
};
