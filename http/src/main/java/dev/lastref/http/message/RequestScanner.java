package dev.lastref.http.message;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Follows the requests on one connection, byte by byte as they come, and stops at the first byte that leaves in doubt where a request
 * ends or what it says (RFC 9112). It stands in front of the server's own parser, which repairs silently what it should refuse: a
 * folded line becomes one line, a chunk size that is none becomes 0, an empty query goes away, HTTP/7.3 becomes 1.1.
 *
 * <pre>
 *  START ─► REQUEST LINE ─► NAME ⇄ VALUE ─► END ─► LENGTH or CHUNKED ─► START …
 *                                               └► UPGRADE (the answer decides) ─► START or OPAQUE
 *  any ─► REFUSED
 * </pre>
 *
 * <p>Only what decides framing is looked at by value. Nothing is allocated for an ordinary request. Never throws, whatever the bytes
 * are. For one thread at a time.
 */
public final class RequestScanner {
    /** The target's query was empty. The server's parser drops the question mark in front of it. */
    public static final int EMPTY_QUERY = RequestLine.EMPTY_QUERY;
    /** The target's query began with another question mark, which the server drops. */
    public static final int QUESTION_DROPPED = RequestLine.QUESTION_DROPPED;
    /** The request asks to upgrade to a protocol that may be passed on. */
    public static final int UPGRADE = 4;

    private static final int MOST_EMPTY_LINES = 4;

    private enum State {
        START,
        START_LF,
        REQUEST_LINE,
        LINE,
        NAME,
        BEFORE_VALUE,
        VALUE,
        VALUE_LF,
        END_LF,
        LENGTH,
        CHUNKED,
        UPGRADE,
        OPAQUE,
        REFUSED
    }

    private final ChunkScanner chunks = new ChunkScanner();
    private final FramingFields fields = new FramingFields();
    /** Of Host. */
    private final PortColon port = new PortColon();

    private final Queue<Integer> facts = new ArrayDeque<>(2);
    private final HeadLimits limits;
    private final RequestLine line;

    private State state = State.START;
    private @Nullable FramingFault fault;
    private boolean inHead;
    private boolean awaitsNext;
    private boolean drops;
    private int headBytes;
    private int lines;
    private int emptyLines;
    private long left;
    private int heads;

    /** With the usual limits. */
    public RequestScanner() {
        this(HeadLimits.USUAL);
    }

    public RequestScanner(HeadLimits limits) {
        this.limits = limits;
        this.line = new RequestLine(limits.target());
    }

    /**
     * Goes over bytes that were read, from where the last call ended.
     *
     * @return up to where they may be passed on; less than {@code to} only if something is wrong with the byte there, see
     *     {@link #fault()}, if the last one {@linkplain #awaitsNext() awaits the next}, or something was taken out of the buffer: empty
     *     lines in front of a request, or the colon of a port that is empty
     */
    public int scan(ByteBuffer bytes, int from, int to) {
        int end = to;
        int at = from;
        awaitsNext = false;
        while (at < end && !awaitsNext) {
            switch (state) {
                case LENGTH -> {
                    long taken = Math.min(left, end - at);
                    at += (int) taken;
                    left -= taken;
                    if (left == 0) {
                        state = State.START;
                    }
                }
                case CHUNKED -> at = chunked(bytes, at, end);
                case START, START_LF -> {
                    if (isEmptyLine(bytes.get(at))) {
                        remove(bytes, at, end);
                        end--;
                    } else if (state != State.REFUSED) {
                        begin();
                    }
                }
                case OPAQUE -> at = end;
                case UPGRADE -> {
                    inHead = true;
                    headBytes = 0;
                    refuse(FramingFault.BEHIND_UPGRADE);
                }
                case REFUSED -> {
                    return at;
                }
                default -> {
                    at = head(bytes, at, end);
                    if (drops) {
                        drops = false;
                        remove(bytes, at, end);
                        end--;
                    }
                }
            }
        }
        return at;
    }

    /** Whether the last request is complete and was {@linkplain #takeFacts() asked for}, and nothing of another one has come. */
    public boolean isAtRequest() {
        return state == State.START && facts.isEmpty();
    }

    /** Whether the last request is complete, and nothing of another one has come. */
    public boolean isBetweenRequests() {
        return state == State.START;
    }

    /** Whether the last request's head has begun, and is neither complete nor wrong. */
    public boolean isWithinHead() {
        return inHead && state != State.START && state != State.REFUSED;
    }

    /**
     * Whether the last byte was not gone over, because what it means depends on the next one: it is to be given again together with
     * that. It is the colon in front of a port.
     */
    public boolean awaitsNext() {
        return awaitsNext;
    }

    /** How many bytes of the last head that has begun were gone over. */
    public int headBytes() {
        return headBytes;
    }

    /** How many heads were complete; it may overflow. */
    public int heads() {
        return heads;
    }

    private int chunked(ByteBuffer bytes, int from, int to) {
        int at = chunks.scan(bytes, from, to);
        int data = (int) Math.min(chunks.dataLeft(), to - at);
        if (data > 0) {
            chunks.took(data);
            at += data;
        }
        FramingFault found = chunks.fault();
        if (found != null) {
            refuse(found);
        } else if (chunks.isOver()) {
            state = State.START;
        }
        return at;
    }

    /** An empty line in front of a request is left over from the content before (RFC 9112, section 2.2). */
    private boolean isEmptyLine(byte b) {
        inHead = true;
        headBytes = 0;
        if (state == State.START_LF) {
            if (b != '\n' || ++emptyLines > MOST_EMPTY_LINES) {
                refuse(FramingFault.REQUEST_LINE);
                return false;
            }
            state = State.START;
            return true;
        }
        if (b == '\r') {
            state = State.START_LF;
            return true;
        }
        return false;
    }

    private static void remove(ByteBuffer bytes, int at, int end) {
        for (int i = at + 1; i < end; i++) {
            bytes.put(i - 1, bytes.get(i));
        }
    }

    private void begin() {
        state = State.REQUEST_LINE;
        line.begin();
        fields.reset();
        headBytes = 0;
        lines = 0;
        emptyLines = 0;
    }

    private int head(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to && inHead && state != State.REFUSED) {
            int special = ordinary(bytes, at, (int) Math.min(to, (long) at + limits.head() - headBytes));
            headBytes += special - at;
            at = special;
            if (at == to) {
                break;
            }
            if (headBytes == limits.head()) { // before the byte that would complete it, too
                refuse(FramingFault.HEAD_TOO_LARGE);
                break;
            }
            if (isPortColon(bytes.get(at))) {
                awaitsNext = at + 1 == to;
                drops = !awaitsNext && endsAuthority(bytes.get(at + 1));
                if (awaitsNext || drops) {
                    break;
                }
            }
            step(bytes.get(at), bytes, at);
            if (state != State.REFUSED) {
                at++;
                headBytes++;
            }
        }
        return at;
    }

    /**
     * In front of the port that the server would read. It refuses one that is empty, which RFC 3986, section 3.2.3, allows: so it sees
     * none, and no colon.
     */
    private boolean isPortColon(byte b) {
        return b == ':'
                && switch (state) {
                    case REQUEST_LINE -> line.isAtPortColon();
                    case VALUE -> fields.isHost() && !line.isAbsolute() && port.is(b);
                    default -> false;
                };
    }

    private static boolean endsAuthority(byte b) {
        return b == '/' || b == '?' || b == '\r' || Octets.isBlank(b);
    }

    /** Goes over bytes that say nothing by themselves, as nearly all of a head do; returns where there is another, or {@code to}. */
    private int ordinary(ByteBuffer bytes, int from, int to) {
        return switch (state) {
            case REQUEST_LINE -> line.ordinary(bytes, from, to);
            case NAME -> fields.name(bytes, from, to);
            case VALUE -> fields.isOfInterest() ? from : Octets.endOfValue(bytes, from, to);
            default -> from;
        };
    }

    private void step(byte b, ByteBuffer bytes, int at) {
        switch (state) {
            case REQUEST_LINE -> requestLine(b);
            case LINE -> line(b);
            case NAME -> name(b);
            case BEFORE_VALUE -> {
                if (!Octets.isBlank(b)) {
                    state = State.VALUE;
                    value(b, bytes, at);
                }
            }
            case VALUE -> value(b, bytes, at);
            case VALUE_LF -> {
                expectLf(b, State.LINE, FramingFault.FIELD_VALUE);
                FramingFault found = fields.isHost() && !line.isAbsolute() && !fields.namesHost()
                        ? FramingFault.HOST
                        : fields.endOfLine();
                if (found != null && state != State.REFUSED) {
                    refuse(found);
                }
            }
            default -> {
                expectLf(b, State.END_LF, FramingFault.FIELD_NAME);
                if (state != State.REFUSED) {
                    endOfHead();
                }
            }
        }
    }

    private void requestLine(byte b) {
        FramingFault found = line.step(b);
        if (found != null) {
            refuse(found);
        } else if (line.isOver()) {
            state = State.LINE;
        }
    }

    private void line(byte b) {
        if (b == '\r') {
            state = State.END_LF;
        } else if (Octets.isBlank(b)) {
            refuse(FramingFault.EARLY_BLANK);
        } else if (!Octets.isToken(b)) {
            refuse(FramingFault.FIELD_NAME);
        } else if (++lines > limits.fields()) {
            refuse(FramingFault.TOO_MANY_FIELDS);
        } else {
            state = State.NAME;
            fields.startOfLine();
            fields.name(b);
            port.reset();
        }
    }

    private void name(byte b) {
        if (Octets.isToken(b)) {
            fields.name(b);
        } else if (b == ':') {
            fields.endOfName();
            state = State.BEFORE_VALUE;
        } else {
            refuse(FramingFault.FIELD_NAME);
        }
    }

    private void value(byte b, ByteBuffer bytes, int at) {
        if (b == '\r') {
            state = State.VALUE_LF;
        } else if (!Octets.isValue(b)) {
            refuse(FramingFault.FIELD_VALUE);
        } else if (fields.isHost() && line.isAbsolute()) {
            // The target's own host counts (RFC 9112, section 3.2.2), but the server refuses where the two differ. So
            // it
            // sees one that does not: a letter that every absolute target has.
            bytes.put(at, fields.valueLength() == 0 ? line.firstOfTarget() : (byte) ' ');
            fields.value(line.firstOfTarget());
        } else {
            port.add(b);
            fields.value(b);
        }
    }

    private void expectLf(byte b, State next, FramingFault otherwise) {
        if (b == '\n') {
            state = next;
        } else {
            refuse(otherwise);
        }
    }

    private void endOfHead() {
        FramingFault found = fields.faultOf(line.isHttp11());
        if (found != null) {
            refuse(found);
            return;
        }
        boolean upgrade = line.isHttp11() && fields.asksToUpgrade();
        facts.add(line.queryFacts() | (upgrade ? UPGRADE : 0));
        inHead = false;
        heads++;
        left = fields.length();
        if (fields.isChunked()) {
            chunks.reset();
            state = State.CHUNKED;
        } else if (left > 0) {
            state = State.LENGTH;
        } else {
            state = upgrade ? State.UPGRADE : State.START;
        }
    }

    /** The head that has begun, or that would come next, is not taken, whatever is in it. */
    public void refuseHead(FramingFault why) {
        if (!inHead) {
            inHead = true;
            headBytes = 0;
        }
        refuse(why);
    }

    private void refuse(FramingFault found) {
        fault = found;
        state = State.REFUSED;
    }

    /** What is wrong with the byte at which the last scan stopped; null if nothing is. */
    public @Nullable FramingFault fault() {
        return fault;
    }

    /** Whether the fault is in a request's head; if not, it is in the content of a request whose head was passed on. */
    public boolean isFaultInHead() {
        return fault != null && inHead;
    }

    /** The fault, if it is in content: what of it was passed on is not all, and no more will come. */
    public @Nullable FramingFault faultInContent() {
        return inHead ? null : fault;
    }

    /** {@link #EMPTY_QUERY}, {@link #QUESTION_DROPPED} and {@link #UPGRADE}, of the earliest request whose head was passed on and not asked for. */
    public int takeFacts() {
        Integer next = facts.poll();
        return next == null ? 0 : next;
    }

    /** Whether the last request asks to upgrade, has no answer yet, and nothing came behind it. */
    public boolean awaitsUpgrade() {
        return state == State.UPGRADE;
    }

    /** The request to upgrade is not passed on as one: another request may follow. */
    public void stayed() {
        if (state == State.UPGRADE) {
            state = State.START;
        }
    }

    /** Whether the connection speaks another protocol. */
    public boolean isUpgraded() {
        return state == State.OPAQUE;
    }

    /** The connection speaks another protocol from here on. */
    public void upgraded() {
        state = State.OPAQUE;
        fault = null;
    }
}
