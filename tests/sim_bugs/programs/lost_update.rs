//! Lost update: a block owns the balance, as it should be, but a deposit is two messages to it, a read and
//! a write. Two tellers who read the same balance write the same sum, and one deposit is gone.
//!
//! The textbook's lost update (Bernstein, Hadzilacos, Goodman 1987); no data race in sight: owning state by
//! a process does not make two requests one. The fix is one request that says what is to happen.

use csp::prelude::*;

use super::join;

enum Request {
    Get(Sender<i64>),
    Set(i64),
    Add(i64),
}

type Account = Sender<Request>;

async fn serve(requests: Receiver<Request>) -> i64 {
    let mut balance = 0;
    while let Some(request) = take!(requests) {
        match request {
            Request::Get(reply) => reply.try_put(balance).expect("a new channel of one"),
            Request::Set(new) => balance = new,
            Request::Add(amount) => balance += amount,
        }
    }
    balance
}

async fn read_then_write(account: Account) {
    let (reply, balance) = chan(1);
    put!(account, Request::Get(reply)).ok();
    let balance = take!(balance).expect("the account answers");
    put!(account, Request::Set(balance + 10)).ok();
}

async fn add(account: Account) {
    put!(account, Request::Add(10)).ok();
}

fn run<F>(deposit: fn(Account) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let (account, requests) = chan(0);
    let balance = go!(serve(requests));
    let tellers = [go(deposit(account.clone())), go(deposit(account))];
    join(tellers);
    assert_eq!(join([balance]), [20], "a deposit is lost");
}

pub(crate) fn buggy() {
    run(read_then_write);
}

pub(crate) fn fixed() {
    run(add);
}
