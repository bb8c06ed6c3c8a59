let value = {
    #[allow(unused_imports, reason = "names the macros of an alt!'s arms")]
    use park as _;
    let __r = csp::__private::park_at(future, csp::__site!(Park, future)).await;
    {
        let (Ok(n) | Err(n)) = __r;
        n
    }
};
