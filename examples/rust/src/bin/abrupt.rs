//! A server without a handler for SIGTERM: the signal ends it at once, with the requests in flight.
use hyper::service::{make_service_fn, service_fn};
use hyper::Server;
use server::{address, answer, Failure};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let service = make_service_fn(|_| async { Ok::<_, Failure>(service_fn(answer)) });
    Server::bind(&address()?).serve(service).await?;
    Ok(())
}
