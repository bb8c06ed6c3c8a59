let value = {
    #[allow(unused_imports, reason = "names the macros of an alt!'s arms")]
    use take as _;
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
