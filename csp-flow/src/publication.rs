//! One channel to many subscribers, by topic.
