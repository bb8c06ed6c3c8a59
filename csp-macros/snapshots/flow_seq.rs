let value = async {
    let mut a = f().await?;
    let Some(b) = ({
        #[allow(
            unused_variables,
            reason = "the statement may only look like using it"
        )]
        let a = &a;
        g(a)
    }) else {
        #[allow(
            unused_variables,
            reason = "the statement may only look like using it"
        )]
        let a = &a;
        return a;
    };
    {
        #[allow(
            unused_variables,
            reason = "the statement may only look like using it"
        )]
        let b = &b;
        h(b);
    }
    {
        let __arms = csp::__private::Arms::new();
        if let ::core::option::Option::Some(__left) = {
            let mut __arm3 = ::core::pin::pin!(
                ::core::option::Option::Some(async { #[allow(unused_variables, reason
                = "the statement may only look like using it")] let a = & a;
                csp::__private::ignored(i(a)); __arms.finish(). await })
            );
            csp::__private::drive(|__cx| {
                    let mut __done = true;
                    __done &= __arms.poll_detached(__cx, __arm3.as_mut(), true)?;
                    ::core::ops::ControlFlow::Continue(__done)
                })
                .await
        } {
            return __left;
        }
    }
    (a, b)
};
