//! What every handler of these tests does, in Rust.

use std::time::{SystemTime, UNIX_EPOCH};

use lambda_runtime::{run, service_fn, Context, Error, LambdaEvent};
use serde::Deserialize;
use serde_json::value::{to_raw_value, RawValue};

#[derive(Deserialize)]
struct Order {
    r#do: String,
    message: Option<String>,
}

/// Takes and gives raw values: a parsed one would be written in serde's own way.
async fn handler(event: LambdaEvent<Box<RawValue>>) -> Result<Box<RawValue>, Error> {
    let order: Order = serde_json::from_str(event.payload.get())?;
    match order.r#do.as_str() {
        "echo" => Ok(event.payload),
        "context" => Ok(to_raw_value(&about(&event.context))?),
        "fail" => Err(order.message.unwrap_or_default().into()),
        _ => std::process::exit(3),
    }
}

/// All that the runtime tells a handler.
fn about(context: &Context) -> serde_json::Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    serde_json::json!({
        "requestId": context.request_id,
        "functionName": context.env_config.function_name,
        "functionVersion": context.env_config.version,
        "invokedFunctionArn": context.invoked_function_arn,
        "memoryLimitInMb": context.env_config.memory,
        "logGroupName": context.env_config.log_group,
        "logStreamName": context.env_config.log_stream,
        "remainingMs": context.deadline as i64 - now.as_millis() as i64,
        "pid": std::process::id(),
        "traceId": context.xray_trace_id,
        "tenantId": context.tenant_id,
        "appTitle": context.client_context.as_ref().map(|told| &told.client.app_title),
        "custom": context.client_context.as_ref().map(|told| &told.custom),
        "identityId": context.identity.as_ref().map(|told| &told.identity_id),
    })
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    if std::env::args().count() > 1 {
        panic!("not today");
    }
    run(service_fn(handler)).await
}
