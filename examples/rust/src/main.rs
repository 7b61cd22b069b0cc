//! On SIGTERM it takes no new connection, finishes its requests in flight, and returns from main.
//! Without a handler the signal ends the process at once: src/bin/abrupt.rs.
use hyper::service::{make_service_fn, service_fn};
use hyper::Server;
use server::{address, answer, Failure};
use tokio::signal::unix::{signal, SignalKind};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut term = signal(SignalKind::terminate())?;
    let service = make_service_fn(|_| async { Ok::<_, Failure>(service_fn(answer)) });
    let server = Server::bind(&address()?).serve(service);
    server.with_graceful_shutdown(async { term.recv().await.unwrap_or(()) }).await?;
    Ok(())
}
