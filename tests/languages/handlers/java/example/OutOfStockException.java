package example;

/** An error whose type a caller has to see. */
public final class OutOfStockException extends RuntimeException {
    public OutOfStockException(String message) {
        super(message);
    }
}
