//! Free TCP ports on loopback for processes that cannot pick one themselves.
//!
//! A port is free only while it is held. So it is held until just before the process starts, and whoever starts the
//! process starts it again on other ports when another one was faster (see [`is_taken`]).

use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// Ports that nobody else can get until they are released.
#[derive(Debug)]
pub struct Held<const N: usize> {
    listeners: [TcpListener; N],
}

/// Picks `N` free ports and holds them.
pub fn hold<const N: usize>() -> io::Result<Held<N>> {
    let mut listeners = Vec::with_capacity(N);
    for _ in 0..N {
        listeners.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
    }
    let listeners = listeners.try_into().map_err(|_| io::ErrorKind::Other)?;
    Ok(Held { listeners })
}

impl<const N: usize> Held<N> {
    /// Lets the ports go, for the process that is started next.
    pub fn release(self) -> io::Result<[u16; N]> {
        let mut ports = [0; N];
        for (port, listener) in ports.iter_mut().zip(&self.listeners) {
            *port = listener.local_addr()?.port();
        }
        Ok(ports)
    }
}

/// Whether what a process printed before it ended says that its port was taken meanwhile.
pub fn is_taken(log: &str) -> bool {
    log.to_ascii_lowercase().contains("address already in use")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn held_ports_differ_and_are_free_after_release() {
        let ports = hold::<8>().unwrap().release().unwrap();
        assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), 8);
        // Other tests pick ports at the same time, so only most of them must still be free.
        let free = ports
            .iter()
            .filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, **port)).is_ok());
        assert!(free.count() >= 6);
    }

    #[test]
    fn a_held_port_cannot_be_bound() {
        let held = hold::<1>().unwrap();
        let port = held.listeners[0].local_addr().unwrap().port();
        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err());
    }

    #[test]
    fn a_taken_port_is_recognised_in_the_output_of_a_go_program() {
        assert!(is_taken(
            "failed to create listener: listen tcp 127.0.0.1:1: bind: address already in use"
        ));
        assert!(!is_taken("connection refused"));
    }
}
