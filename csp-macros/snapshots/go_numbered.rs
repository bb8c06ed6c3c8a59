let value = {
    static __CSP_BLOCK: csp::__private::BlockSite = csp::__private::BlockSite::new(
        ::core::file!(),
        ::core::line!(),
        ::core::column!(),
        ::core::module_path!(),
        &__CSP_SITES,
    );
    static __CSP_SITES: [csp::__private::ParkSite; 10] = [
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Take,
            "self.inputs[0]",
            3,
            17,
            0,
            &__CSP_BLOCK,
        ),
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Take,
            "timeout(ms(5))",
            4,
            30,
            1,
            &__CSP_BLOCK,
        ),
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Put,
            "tx",
            5,
            9,
            2,
            &__CSP_BLOCK,
        ),
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Take,
            "b",
            5,
            26,
            3,
            &__CSP_BLOCK,
        ),
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Take,
            "c",
            6,
            30,
            4,
            &__CSP_BLOCK,
        ),
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Alt,
            "alt",
            8,
            5,
            5,
            &__CSP_BLOCK,
        ),
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Take,
            "a",
            8,
            26,
            6,
            &__CSP_BLOCK,
        ),
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Put,
            "tx",
            8,
            47,
            7,
            &__CSP_BLOCK,
        ),
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Park,
            "go",
            8,
            64,
            8,
            &__CSP_BLOCK,
        ),
        csp::__private::ParkSite::in_block(
            csp::__private::Op::Alt,
            "alts",
            8,
            77,
            9,
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
            let first = take!(@ site(& __CSP_SITES[0]) self.inputs[0]);
            while let Some(x) = csp::take!(@ site(& __CSP_SITES[1]) timeout(ms(5))) {
                put!(
                    @ site(& __CSP_SITES[2]) tx, first + take!(@ site(&
                    __CSP_SITES[3]) b)
                )
                    .ok();
                println!("{x} {:?}", take!(@ site(& __CSP_SITES[4]) c));
            }
            alt! {
                @ site(& __CSP_SITES[5]) priority; v = take!(@ site(& __CSP_SITES[6])
                a), if open => put!(@ site(& __CSP_SITES[7]) tx, v), _ = park!(@
                site(& __CSP_SITES[8]) go) => alts!(@ site(& __CSP_SITES[9]) x, y)
            }
        },
    );
    __csp_go
};
