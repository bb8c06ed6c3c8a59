//! A schedule in words. Only written when a failure is run again, or a replay is asked for.

use std::{collections::HashMap, fmt::Display};

use csp_core::context::Object;

use super::{
    entity::{At, Kind},
    state::State,
};

/// The lines so far, and what objects are called.
#[derive(Default)]
pub(super) struct Trace {
    pub(super) lines: Vec<String>,
    names: HashMap<Object, String>,
    /// How many are described with the same words.
    alike: HashMap<String, u32>,
    /// By dense number.
    objects: Vec<Object>,
}

impl Trace {
    pub(super) fn write(&mut self, line: String) {
        self.lines.push(line);
    }

    pub(super) fn describe(&mut self, object: Object, what: &dyn Display) {
        let what = what.to_string();
        if self.names.get(&object).is_some_and(|name| *name == what) {
            return;
        }
        // One place in the source may make many.
        let count = self.alike.entry(what.clone()).or_insert(0);
        *count += 1;
        let name = match *count {
            1 => what,
            count => format!("{what} (no. {count})"),
        };
        self.names.insert(object, name);
    }

    /// The object has the next number.
    pub(super) fn number(&mut self, object: Object) {
        self.objects.push(object);
    }

    /// `the channel of src/x.rs:10:5`
    fn name(&self, number: u32, state: &State) -> String {
        let Some(&object) = self.objects.get(number as usize) else {
            return format!("#{number}");
        };
        if let Some(name) = self.names.get(&object) {
            return name.clone();
        }
        // What is made in the exploration is described when it is made.
        let from_outside =
            |what: &str| format!("{what} made outside of the exploration (#{number})");
        let block = |id| match state.number_of(id) {
            Some(number) => state.named(number).to_string(),
            None => from_outside("a block"),
        };
        match object {
            Object::Channel(_) => from_outside("a channel"),
            Object::Ends(id) => match self.names.get(&Object::Channel(id)) {
                Some(channel) => format!("the handles of {channel}"),
                None => format!("the handles of {}", from_outside("a channel")),
            },
            Object::Block(id) => format!("the outcome of {}", block(id)),
            Object::Life(id) => format!("whether {} goes on", block(id)),
            Object::At(0) => String::from("what stands at a point"),
            Object::At(_) => from_outside("a promise"),
        }
    }
}

impl State {
    /// `  3  block 2 (src/x.rs:10:5) take!(rx) at src/x.rs:12:9`
    pub(super) fn write_line(&mut self, number: u32) {
        let Some(mut trace) = self.trace.take() else {
            return;
        };
        let entity = &self.entities[number as usize];
        let what = match (&entity.place, entity.announced.as_slice(), entity.kind) {
            (_, _, Kind::Clock) => String::from("moves on to the next deadline"),
            (Some(place), [], _) => format!("goes on after {}", At(place)),
            (None, [], _) => String::from("goes on"),
            (Some(place), ..) => At(place).to_string(),
            (None, objects, _) => {
                let names = objects.iter().map(|&object| trace.name(object, self));
                format!("touches {}", names.collect::<Vec<_>>().join(", "))
            }
        };
        let mark = if self.preempted { "▸" } else { " " };
        let (step, who) = (self.steps + 1, self.named(number));
        trace.write(format!("{mark} {step:>4}  {who} {what}"));
        self.trace = Some(trace);
    }
}
