package dev.lastref.http.message;

/**
 * How large a request's head may be.
 *
 * @param target bytes of its target; more is refused with 414
 * @param head bytes of all of it; more is refused with 431
 * @param fields lines behind the request line; more are refused with 431
 */
public record HeadLimits(int target, int head, int fields) {
    /** What is allowed where nobody says otherwise. */
    public static final HeadLimits USUAL = new HeadLimits(16 * 1024, 64 * 1024, 128);
}
