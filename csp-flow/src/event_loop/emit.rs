//! What a handle does with events: who handles them, and to emit them.

use std::panic::Location;

use super::{
    Ended, Handler, LoopHandle,
    events::{Emitted, Key, Registration},
};
use crate::sync::Arc;

impl LoopHandle {
    /// Has `handler` called with every event of type `Ev` that is emitted from now on.
    ///
    /// ```text
    /// emit    A1  B1  A2
    /// on A     ╰▸ A1   ╰▸ A2
    /// on B         ╰▸ B1
    /// ```
    ///
    /// Handlers of one type are called in the order in which they were registered, one after the other on
    /// the loop's thread. A handler that blocks holds up the whole loop: see
    /// [`defer_to_thread`](Self::defer_to_thread). [`Handler::remove`] ends it.
    ///
    /// ```
    /// use csp::{EventLoop, prelude::*};
    /// struct Order(u32);
    /// struct Invoice(u32);
    /// let events = EventLoop::new();
    /// let (tx, rx) = chan(8);
    /// let log = tx.clone();
    /// let handle = events.handle();
    /// handle.on(move |order: &Order, events| {
    ///     events.emit(Invoice(order.0)).unwrap(); // queued: it comes after this
    ///     log.try_put(format!("order {}", order.0)).unwrap();
    /// })?;
    /// handle.on(move |invoice: &Invoice, _| tx.try_put(format!("invoice {}", invoice.0)).unwrap())?;
    /// handle.emit(Order(2))?;
    /// assert_eq!(events.run_until_idle(), 2);
    /// assert_eq!(rx.try_take().as_deref(), Ok("order 2"));
    /// assert_eq!(rx.try_take().as_deref(), Ok("invoice 2"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// A panic of the handler is [told](super::EventLoop::on_notice), and the loop goes on: with the other
    /// handlers of the event, and with this one for the next.
    ///
    /// # Errors
    /// [`Ended`], with the handler.
    #[track_caller]
    pub fn on<Ev, H>(&self, handler: H) -> Result<Handler, Ended<H>>
    where
        Ev: 'static,
        H: FnMut(&Ev, &Self) + Send + 'static,
    {
        self.register(Key::of::<Ev>(None), handler)
    }

    /// Has `handler` called with every payload of type `P` that is [emitted](Self::emit_topic) to that topic.
    ///
    /// The topic and the type of the payload together say who is meant. Everything else is as for
    /// [`on`](Self::on).
    ///
    /// # Errors
    /// [`Ended`], with the handler.
    #[track_caller]
    pub fn on_topic<P, H>(&self, topic: &str, handler: H) -> Result<Handler, Ended<H>>
    where
        P: 'static,
        H: FnMut(&P, &Self) + Send + 'static,
    {
        self.register(Key::of::<P>(Some(topic)), handler)
    }

    #[track_caller]
    fn register<Ev, H>(&self, key: Key, handler: H) -> Result<Handler, Ended<H>>
    where
        Ev: 'static,
        H: FnMut(&Ev, &Self) + Send + 'static,
    {
        let at = Location::caller();
        let registered = Handler::new(key.clone(), self);
        let life = Arc::clone(&registered.life);
        let registration = Registration::new(key, life, at, handler);
        self.post(registration)
            .map_err(|refused| Ended(refused.handler))?;
        Ok(registered)
    }

    /// Emits an event: queues it for the handlers of its type.
    ///
    /// One that nobody handles is dropped in its turn, [counted](Self::ignored) and
    /// [told](super::EventLoop::on_notice).
    ///
    /// # Errors
    /// [`Ended`], with the event.
    #[track_caller]
    pub fn emit<Ev: Send + 'static>(&self, event: Ev) -> Result<(), Ended<Ev>> {
        self.emit_at(None, event, Location::caller())
    }

    /// Emits a payload to a topic: see [`on_topic`](Self::on_topic).
    ///
    /// ```
    /// let events = csp::EventLoop::new();
    /// let handle = events.handle();
    /// handle.on_topic("volume", |level: &u8, events| {
    ///     assert_eq!(*level, 11);
    ///     events.stop();
    /// })?;
    /// handle.emit_topic("volume", 11_u8)?;
    /// events.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Ended`], with the payload.
    #[track_caller]
    pub fn emit_topic<P: Send + 'static>(&self, topic: &str, payload: P) -> Result<(), Ended<P>> {
        self.emit_at(Some(topic), payload, Location::caller())
    }

    fn emit_at<Ev: Send + 'static>(
        &self,
        topic: Option<&str>,
        event: Ev,
        at: &'static Location<'static>,
    ) -> Result<(), Ended<Ev>> {
        let key = Key::of::<Ev>(topic);
        self.post(Emitted { key, event, at })
            .map_err(|refused| Ended(refused.event))
    }
}
