//! What each operation of the toy world does.

use super::{Choose, Kind, Op, World};

impl World<'_> {
    pub(super) fn run(&mut self, entity: u32, op: Op, choose: Choose<'_>) {
        for object in self.announced(entity) {
            self.touch(object);
        }
        match op {
            Op::Append(o, digit) => {
                let value = &mut self.objects[o].value;
                *value = value.wrapping_mul(10).wrapping_add(digit);
            }
            Op::Load(o) => self.entity(entity).register = self.objects[o].value,
            Op::StoreNext(o) => self.objects[o].value = self.entity(entity).register + 1,
            Op::FailIf(o, value) if self.objects[o].value == value => self.fail(entity, "failed"),
            Op::Lock(o) => self.lock(entity, o),
            Op::Unlock(o) => self.unlock(o),
            Op::Wait(o) => {
                self.objects[o].takers.push_back(entity);
                self.park(entity);
            }
            Op::Signal(o) => {
                if let Some(waiter) = self.objects[o].takers.pop_front() {
                    self.complete(waiter);
                }
            }
            Op::Put(o, value) => self.put(entity, o, value),
            Op::Take(o) => self.take(entity, &[o], choose),
            Op::TakeEither(a, b) => self.take(entity, &[a, b], choose),
            Op::Dice(bound) => {
                let said = i64::from(choose(bound));
                self.got(entity, said);
            }
            Op::Start(program) => self.start(program),
            Op::Sleep(time) => {
                self.timers.push((self.now + time, entity));
                self.timers.sort_unstable();
                self.park(entity);
            }
            Op::Yield => {
                self.has_yielded = true;
                self.runnable.retain(|&e| e != entity);
                self.runnable.push(entity);
            }
            Op::FailIf(..) | Op::FailUnless(_) => (),
        }
    }

    fn got(&mut self, entity: u32, value: i64) {
        let register = &mut self.entity(entity).register;
        *register = register.wrapping_mul(10).wrapping_add(value);
    }

    fn lock(&mut self, entity: u32, o: usize) {
        self.touch(o);
        let is_free = self.program.objects[o] == Kind::FreeLock;
        if self.objects[o].holder.is_none() {
            self.objects[o].holder = Some(entity);
            if is_free {
                self.entity(entity).register = 0;
            }
            return;
        }
        self.objects[o].takers.push_back(entity);
        if is_free {
            // See `is_trying_again`.
            self.entity(entity).register = i64::MIN;
        }
        self.park(entity);
    }

    fn unlock(&mut self, o: usize) {
        self.objects[o].holder = None;
        let Some(next) = self.objects[o].takers.pop_front() else {
            return;
        };
        if self.program.objects[o] == Kind::FreeLock {
            self.wake(next);
        } else {
            self.objects[o].holder = Some(next);
            self.complete(next);
        }
    }

    fn capacity(&self, o: usize) -> usize {
        if let Kind::Chan(capacity) = self.program.objects[o] {
            capacity
        } else {
            0
        }
    }

    fn put(&mut self, entity: u32, o: usize, value: i64) {
        if let Some(taker) = self.objects[o].takers.pop_front() {
            // As in the real thing, the other channel of the taker is not mentioned.
            for state in &mut self.objects {
                state.takers.retain(|&e| e != taker);
            }
            self.got(taker, value);
            self.complete(taker);
        } else if self.objects[o].buffer.len() < self.capacity(o) {
            self.objects[o].buffer.push_back(value);
        } else {
            self.objects[o].putters.push_back((entity, value));
            self.park(entity);
        }
    }

    fn take(&mut self, entity: u32, from: &[usize], choose: Choose<'_>) {
        let is_ready = |o: &&usize| {
            !(self.objects[**o].buffer.is_empty() && self.objects[**o].putters.is_empty())
        };
        let ready: Vec<usize> = from.iter().filter(is_ready).copied().collect();
        let o = match ready.len() {
            0 => {
                for &o in from {
                    self.objects[o].takers.push_back(entity);
                }
                self.park(entity);
                return;
            }
            1 => ready[0],
            several => ready[choose(several as u32) as usize],
        };
        let putter = self.objects[o].putters.pop_front();
        if let Some((_, value)) = putter {
            self.objects[o].buffer.push_back(value);
        }
        let value = self.objects[o].buffer.pop_front().expect("it is ready");
        self.got(entity, value);
        if let Some((putter, _)) = putter {
            self.complete(putter);
        }
    }
}
