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
    /// By dense number.
    objects: Vec<Object>,
}

impl Trace {
    pub(super) fn write(&mut self, line: String) {
        self.lines.push(line);
    }

    pub(super) fn describe(&mut self, object: Object, what: &dyn Display) {
        self.names.insert(object, what.to_string());
    }

    /// The object has the next number.
    pub(super) fn number(&mut self, object: Object) {
        self.objects.push(object);
    }

    /// `the channel of src/x.rs:10:5`
    fn name(&self, number: u32, state: &State) -> String {
        let object = self.objects.get(number as usize).copied();
        if let Some(name) = object.and_then(|object| self.names.get(&object)) {
            return name.clone();
        }
        match object {
            Some(Object::Block(id)) => match state.number_of(id) {
                Some(number) => format!("the outcome of {}", state.named(number)),
                None => format!("#{number}"),
            },
            Some(Object::At(0)) => String::from("what stands at a point"),
            Some(Object::At(_)) => format!("promise #{number}"),
            _ => format!("#{number}"),
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
