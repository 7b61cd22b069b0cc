//! What both servers answer, and where.
use hyper::{Body, Request, Response};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A number from the environment.
fn number<T: std::str::FromStr>(name: &str, otherwise: T) -> Result<T, Failure>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    std::env::var(name).map_or(Ok(otherwise), |text| Ok(text.parse()?))
}

pub fn address() -> Result<SocketAddr, Failure> {
    Ok(SocketAddr::from((Ipv4Addr::UNSPECIFIED, number("PORT", 8080)?)))
}

/// hello, and something slow.
pub async fn answer(request: Request<Body>) -> Result<Response<Body>, Failure> {
    if request.uri().path() == "/slow" {
        println!("busy");
        tokio::time::sleep(Duration::from_secs(number("SLOW_SECONDS", 1)?)).await;
    }
    Ok(Response::new(Body::from("hello\n")))
}
