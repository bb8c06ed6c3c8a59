let value = {
    park! {
        @ used
    }
    let __r = csp::__private::park_at(future, csp::__site!(Park, future)).await;
    {
        let (Ok(n) | Err(n)) = __r;
        n
    }
};
