let value = async {
    let __value0 = csp::__private::Value::new();
    let mut __value1 = ::core::option::Option::None;
    let mut __value2 = ::core::option::Option::None;
    let mut __value3 = ::core::option::Option::None;
    let __arms = csp::__private::Arms::new();
    if let ::core::option::Option::Some(__left) = {
        let mut __arm0 = ::core::pin::pin!(
            ::core::option::Option::Some(async { let session = get_session(& req).
            await ?; __value0.set(session); __arms.finish(). await })
        );
        let mut __arm1 = ::core::pin::pin!(
            ::core::option::Option::Some(async { #[allow(unused_variables, reason =
            "the statement may only look like using it")] let session = __value0
            .get(); let (history, rest) = match & session.history { Some(h) => h
            .clone(), None => get(& req). await ? }; __value1 =
            ::core::option::Option::Some(history); __value2 =
            ::core::option::Option::Some(rest); __arms.finish(). await })
        );
        let mut __arm2 = ::core::pin::pin!(
            ::core::option::Option::Some(async { #[allow(unused_variables, reason =
            "the statement may only look like using it")] let session = __value0
            .get(); let Some(location) : Option < L > = locate(& session). await else
            { return Err(e) }; __value3 = ::core::option::Option::Some(location);
            __arms.finish(). await })
        );
        let mut __arm3 = ::core::pin::pin!(
            ::core::option::Option::Some(async { audit(& req). await ?; __arms
            .finish(). await })
        );
        let mut __arm4 = ::core::pin::pin!(
            ::core::option::Option::Some(async { #[allow(unused_variables, reason =
            "the statement may only look like using it")] let session = __value0
            .get(); csp::__private::ignored(tell(& session). await ?); __arms
            .finish(). await })
        );
        csp::__private::drive(|__cx| {
                let mut __done = true;
                __done &= __arms.poll(__cx, __arm0.as_mut(), true)?;
                __done &= __arms.poll(__cx, __arm1.as_mut(), __arm0.is_none())?;
                __done &= __arms.poll(__cx, __arm2.as_mut(), __arm0.is_none())?;
                __done &= __arms.poll(__cx, __arm3.as_mut(), true)?;
                __done
                    &= __arms
                        .poll_detached(
                            __cx,
                            __arm4.as_mut(),
                            __arm0.is_none() && __arm3.is_none(),
                        )?;
                ::core::ops::ControlFlow::Continue(__done)
            })
            .await
    } {
        return __left;
    }
    #[allow(unused_variables, reason = "the body may only look like using it")]
    let session = __value0.into_inner();
    #[allow(unused_variables, reason = "the body may only look like using it")]
    let history = csp::__private::taken(__value1);
    let mut rest = csp::__private::taken(__value2);
    #[allow(unused_variables, reason = "the body may only look like using it")]
    let location = csp::__private::taken(__value3);
    respond(session, history, location)
};
