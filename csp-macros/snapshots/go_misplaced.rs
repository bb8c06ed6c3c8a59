let value = {
    static __CSP_BLOCK: csp::__private::BlockSite = csp::__private::BlockSite::new(
        ::core::file!(),
        ::core::line!(),
        ::core::column!(),
        ::core::module_path!(),
        &__CSP_SITES,
    );
    static __CSP_SITES: [csp::__private::ParkSite; 1] = [
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Take,
            "x",
            2,
            25,
            0,
            &__CSP_BLOCK,
        ),
    ];
    struct __CspBlock;
    impl csp::__private::GoSite for __CspBlock {
        const SITE: &'static csp::__private::BlockSite = &__CSP_BLOCK;
    }
    let __csp_go = csp::__private::go_at(
        __CspBlock,
        async move {
            v.iter()
                .map(|x| {
                    ({
                        let _ = async { csp::take!(@ site(& __CSP_SITES[0]) x) };
                        ::core::compile_error! {
                            "`take!` parks the enclosing `go!` block and cannot be used inside a closure: a closure cannot be suspended\nhelp: use a for loop instead of an iterator adaptor, take the value before the closure, or make it an async closure and .await it"
                        }
                    })
                        .unwrap()
                });
            sleep(d).await;
            thread::sleep(d)
        },
    );
    ::core::compile_error! {
        "`thread::sleep` blocks the worker thread and every block on it; use `sleep(d).await`\nhelp: work that has to block goes into `thread(|| …)`; if this cannot block for long, say so with `allow_blocking!(…)`"
    }
    __csp_go
};
