let value = {
    static __CSP_BLOCK: csp::__private::BlockSite = csp::__private::BlockSite::new(
        ::core::file!(),
        ::core::line!(),
        ::core::column!(),
        ::core::module_path!(),
        &__CSP_SITES,
    );
    static __CSP_SITES: [csp::__private::ParkSite; 0] = [];
    struct __CspBlock;
    impl csp::__private::GoSite for __CspBlock {
        const SITE: &'static csp::__private::BlockSite = &__CSP_BLOCK;
    }
    let __csp_go = csp::__private::go_at(
        __CspBlock,
        async move {
            macro_rules! both {
                (take!($a:expr)) => {
                    take!($a)
                };
            }
            mod inner {
                async fn f(c: &Receiver<u8>) {
                    take!(c);
                }
            }
            let different = take != (put);
            take!(@ site(& MINE) rx);
            go!({ take!(rx) })
        },
    );
    __csp_go
};
