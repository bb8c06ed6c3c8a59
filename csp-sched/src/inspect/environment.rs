//! What the environment asks for: looked at once, when the first executor is made.

use crate::sync::OnceLock;

/// Installs the signal handler if `CSP_DUMP` is set. (csp-core has looked at it for the switch.)
pub(super) fn look() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        #[cfg(unix)]
        if super::signal::file().is_some()
            && let Err(error) = super::signal::install_signal_handler()
        {
            crate::report(format_args!(
                "cannot install the handler for dumps: {error}"
            ));
        }
    });
}
