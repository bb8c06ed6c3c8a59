//! Several inputs into one channel, each of which can be muted, paused or soloed.
