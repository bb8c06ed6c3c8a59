let value = {
    take! {
        @ used
    }
    let __r = csp::__private::block_on(
        csp::__private::take_at(&rx, csp::__site!(Take, rx)),
    );
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
