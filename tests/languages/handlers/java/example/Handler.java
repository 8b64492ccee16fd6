package example;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What every handler of these tests does, in Java. */
public final class Handler implements RequestStreamHandler {
    private static final Gson GSON = new Gson();

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context)
            throws IOException {
        byte[] event = input.readAllBytes();
        JsonObject order =
                GSON.fromJson(new String(event, StandardCharsets.UTF_8), JsonObject.class);
        switch (order.get("do").getAsString()) {
            case "echo" -> output.write(event);
            case "context" ->
                    output.write(GSON.toJson(about(context)).getBytes(StandardCharsets.UTF_8));
            case "fail" -> throw new OutOfStockException(order.get("message").getAsString());
            default -> Runtime.getRuntime().halt(3);
        }
    }

    /** All that the runtime tells a handler. */
    private static Map<String, Object> about(Context context) {
        Map<String, Object> about = new HashMap<>();
        about.put("requestId", context.getAwsRequestId());
        about.put("functionName", context.getFunctionName());
        about.put("functionVersion", context.getFunctionVersion());
        about.put("invokedFunctionArn", context.getInvokedFunctionArn());
        about.put("memoryLimitInMb", context.getMemoryLimitInMB());
        about.put("logGroupName", context.getLogGroupName());
        about.put("logStreamName", context.getLogStreamName());
        about.put("remainingMs", context.getRemainingTimeInMillis());
        about.put("pid", ProcessHandle.current().pid());
        about.put("traceId", context.getXrayTraceId());
        about.put("tenantId", context.getTenantId());
        ClientContext client = context.getClientContext();
        if (client != null) {
            about.put("appTitle", client.getClient().getAppTitle());
            about.put("custom", client.getCustom());
        }
        if (context.getIdentity() != null) {
            about.put("identityId", context.getIdentity().getIdentityId());
        }
        return about;
    }
}
