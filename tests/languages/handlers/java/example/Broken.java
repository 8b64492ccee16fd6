package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.InputStream;
import java.io.OutputStream;

/** A handler that does not load. */
public final class Broken implements RequestStreamHandler {
    public Broken() {
        throw new IllegalStateException("not today");
    }

    @Override
    public void handleRequest(InputStream input, OutputStream output, Context context) {
        throw new AssertionError("nobody calls it");
    }
}
