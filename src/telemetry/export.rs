//! Where traces go: an OpenTelemetry collector, by HTTP. <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use anyhow::Context as _;
use axum::http::{Request, Response};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use reqwest::Client;
use secrecy::ExposeSecret as _;
use tokio::runtime::Handle;

use crate::config::Telemetry;
use crate::deliver::{http, tls};

/// How long the collector may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// Collects traces and sends them; none where nobody wants them.
pub(super) fn provider(telemetry: &Telemetry) -> anyhow::Result<Option<SdkTracerProvider>> {
    let Some(endpoint) = telemetry.traces_url() else { return Ok(None) };
    tls::install_tls();
    let client = Collector { http: http::client().timeout(PATIENCE).build()?, runtime: Handle::current() };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(endpoint)
        .with_timeout(PATIENCE)
        .with_headers(headers(telemetry.headers.expose_secret()))
        .build()
        .context("telemetry.otlp_endpoint")?;
    let resource = Resource::builder_empty()
        .with_attributes([
            opentelemetry::KeyValue::new("service.name", telemetry.service_name.clone()),
            opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        ])
        .build();
    Ok(Some(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
}

/// `name=value` with commas between.
fn headers(text: &str) -> HashMap<String, String> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// Sends from the thread that collects, which is none of the runtime's.
#[derive(Debug)]
struct Collector {
    http: Client,
    runtime: Handle,
}

impl HttpClient for Collector {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let http = self.http.clone();
        let sent = self.runtime.spawn(async move {
            let response = http.execute(request.try_into()?).await?;
            let status = response.status();
            let mut answer = Response::new(response.bytes().await?);
            *answer.status_mut() = status;
            Ok(answer)
        });
        Box::pin(async move { sent.await? })
    }
}
