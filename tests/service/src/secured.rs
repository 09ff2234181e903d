//! The service behind an end of TLS, as it is deployed: its origin is `https`.

use std::sync::Arc;

use axum::Router;
use labelgate_service::{App, router};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::Service;

pub struct Secured {
    pub origin: String,
    /// A client that trusts the certificate.
    pub client: Client,
}

impl Secured {
    pub async fn start(service: &Service) -> Self {
        let CertifiedKey { cert, key_pair } =
            generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(key_pair.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("a certificate and its key");

        let front = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = front.local_addr().expect("an address").port();
        let origin = format!("https://localhost:{port}");
        let app = App { origin: origin.as_str().into(), ..service.app.clone() };
        tokio::spawn(ends(front, TlsAcceptor::from(Arc::new(config)), router(app)));

        let trusted = Certificate::from_pem(cert.pem().as_bytes()).expect("a certificate");
        let client = Client::builder().add_root_certificate(trusted);
        Self { origin, client: client.build().expect("a client") }
    }
}

/// Hands what arrives on to the service.
async fn ends(front: TcpListener, tls: TlsAcceptor, routes: Router) {
    let behind = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = behind.local_addr().expect("an address");
    tokio::spawn(async { axum::serve(behind, routes).await });
    while let Ok((stream, _)) = front.accept().await {
        let tls = tls.clone();
        tokio::spawn(async move {
            let mut stream = tls.accept(stream).await?;
            let mut service = TcpStream::connect(address).await?;
            copy_bidirectional(&mut stream, &mut service).await
        });
    }
}
