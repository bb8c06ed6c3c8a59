let value = async move {
    const N: u8 = 1;
    f(N).await
};
