package dev.lastref.http.early;

import dev.lastref.cache.Outcome;
import dev.lastref.cache.RequestFields;
import dev.lastref.cache.StoredResponse;
import dev.lastref.cache.semantics.ByteRange;
import dev.lastref.cache.semantics.CacheKey;
import dev.lastref.cache.semantics.EntityTag;
import dev.lastref.cache.semantics.FieldList;
import dev.lastref.cache.semantics.PathRule;
import dev.lastref.cache.semantics.Preconditions;
import dev.lastref.cache.semantics.RangeSelection;
import dev.lastref.cache.semantics.RequestPolicy;
import dev.lastref.cache.semantics.Reuse;
import dev.lastref.http.listen.ClientSink;
import dev.lastref.http.listen.EarlyResponder;
import dev.lastref.http.listen.StrictSource;
import dev.lastref.http.log.RequestId;
import dev.lastref.http.message.AddressText;
import dev.lastref.http.message.ClientAddress;
import dev.lastref.http.serve.ForwardedFields;
import dev.lastref.http.serve.ServeContext;
import dev.lastref.pool.Transmission;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The early answers on one connection. For its I/O thread. */
final class EarlyConnection implements EarlyResponder, RequestFields {
    private static final byte[] REFERER = "referer".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] USER_AGENT = "user-agent".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRACEPARENT = "traceparent".getBytes(StandardCharsets.US_ASCII);
    private static final RequestPolicy PLAIN = RequestPolicy.of("GET", FieldList.EMPTY);

    private final EarlyHits hits;
    private final ServeContext context;
    private final StrictSource source;
    private final EarlyRequest current;
    private final EarlySend send;

    /** Whether what the client says of its requests counts; null: it has said nothing yet. */
    private @Nullable Boolean trusted;

    /** Whom requests count for, once there is a limit. */
    private long rateKey;

    private boolean rateKeyIsKnown;

    EarlyConnection(EarlyHits hits, StrictSource source, ClientSink sink, EarlyRequest current) {
        this.hits = hits;
        this.context = hits.context();
        this.source = source;
        this.current = current;
        this.send = new EarlySend(hits, source, sink, current.headAndContent);
    }

    @Override
    public void closed() {
        send.end(false);
    }

    @Override
    public boolean isSending() {
        return send.isUnderWay();
    }

    @Override
    public int answer(ByteBuffer bytes, int from, int to) throws IOException {
        if (source.isBusy() || !hits.areAllowed()) {
            return from;
        }
        int end = current.head.read(bytes, from, to);
        return end > from && answer() ? end : from;
    }

    private boolean answer() throws IOException {
        current.beganNanos = System.nanoTime();
        PlainHead request = current.head;
        KnownHosts.Host host = request.host();
        String givenId = request.requestId();
        if (givenId != null && !RequestId.isGood(givenId)) {
            return false;
        }
        boolean believed = request.isForwarded() && isTrusted();
        CacheKey sameHost = host.key(isHttps(believed));
        String target = request.target();
        current.host = host.name();
        current.givenId = givenId;
        current.believed = believed;
        current.target = target;
        current.scheme = sameHost.scheme();
        current.authority = sameHost.authority();
        PathRule rule = context.paths().of(sameHost.authority(), target);
        if (rule != null && rule.pass()) {
            return false;
        }
        CacheKey key = sameHost.withTarget(
                keyed(sameHost, rule == null ? target : rule.query().apply(target)));
        StoredResponse stored = context.cache().select(key, this);
        if (stored == null || stored.part() != null) {
            return false;
        }
        current.now = context.now(); // not before the entry was found: it may have been stored just now
        if (believed && request.hasForwardedCredentials() && !stored.terms().allowsAuthorized()) {
            return false; // RFC 9111, section 3.5
        }
        boolean counted = hits.rate().isLimited();
        if ((counted && hits.rate().isOver(rateKey())) || !answer(key, stored)) {
            return false;
        }
        if (counted) {
            hits.rate().count(rateKey());
        }
        stored.used();
        context.listener().answered(Outcome.HIT, System.nanoTime() - current.beganNanos);
        return true;
    }

    /** A trusted proxy's word, then the connection's, as in the long way. */
    private boolean isHttps(boolean believed) {
        return source.isSecured()
                ? !(believed && current.head.isForwardedHttp())
                : believed && current.head.isForwardedHttps();
    }

    private boolean isTrusted() {
        Boolean known = trusted;
        if (known == null) {
            known = hits.trusts(source);
            trusted = known;
        }
        return known;
    }

    /** What the key has as its target: with what a trusted proxy says of it, if that counts. */
    private String keyed(CacheKey sameHost, String counting) {
        if (!current.believed) {
            return counting;
        }
        String said = ForwardedFields.keyOf(current.head.forwardedFields(), sameHost.scheme(), sameHost.authority());
        return said.isEmpty() ? counting : counting + said;
    }

    private long rateKey() {
        String forwardedFor = current.believed ? current.head.forwardedFor() : null;
        if (forwardedFor != null) {
            return hits.rateKeyOf(source, forwardedFor);
        }
        if (!rateKeyIsKnown) {
            rateKey = hits.rateKeyOf(source, null);
            rateKeyIsKnown = true;
        }
        return rateKey;
    }

    /** The same as the long way: by others another variant might be the best that is found. Asked for only where there are several. */
    @Override
    public FieldList all() {
        FieldList asSent = ForwardedFields.towardsOrigin(
                current.head.fields(current.believed),
                AddressText.of(source.address()),
                current.scheme,
                current.authority,
                context.saysForwarded());
        return context.encodings().apply(asSent);
    }

    @Override
    public FieldList named(List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            if (!FieldMeaning.isSentOn(names.get(i))) {
                return all();
            }
        }
        return context.encodings().apply(current.head.fields(names));
    }

    private boolean answer(CacheKey key, StoredResponse stored) throws IOException {
        String tag = stored.status() == 200 ? EntityTag.textOf(stored.fields()) : null;
        if (tag != null && current.head.asksOnlyForOtherThan(tag)) { // mostly it does, if it is conditional
            return isFresh(PLAIN, stored) && answerNotModified(key, stored);
        }
        FieldList judged = current.head.judgedFields();
        RequestPolicy policy = RequestPolicy.of("GET", judged);
        if (!policy.looksUp() || !isFresh(policy, stored)) {
            return false;
        }
        boolean selective = policy.isConditional() || policy.ranges() != null;
        if (!selective) {
            return answerWhole(key, stored);
        }
        if (stored.status() != 200) {
            return false;
        }
        long now = context.epochSeconds();
        if (Preconditions.isLeftToOrigin(judged, stored.fields(), now)) {
            return false;
        }
        if (Preconditions.isNotModified(judged, stored.fields(), now)) {
            return answerNotModified(key, stored);
        }
        RangeSelection selection = policy.ranges() == null
                ? RangeSelection.WHOLE
                : RangeSelection.of(judged, stored.fields(), stored.completeLength(), now);
        if (selection.kind() == RangeSelection.Kind.WHOLE) {
            return answerWhole(key, stored);
        }
        boolean single = selection.kind() == RangeSelection.Kind.PARTS
                && selection.ranges().size() == 1;
        return single && answerRange(key, stored, selection.ranges().get(0));
    }

    private boolean isFresh(RequestPolicy policy, StoredResponse stored) {
        return policy.reuse(stored.freshness(), stored.terms(), current.now) == Reuse.FRESH;
    }

    private boolean answerWhole(CacheKey key, StoredResponse stored) throws IOException {
        HeadWriter head = begin(key, stored, stored.status());
        if (hasLength(stored.status())) {
            head.line("Content-Length", stored.length());
        }
        if (head.isTooLong()) {
            return false;
        }
        if (!stored.hasContent()) {
            begin(head, null, key, stored.status());
            return true;
        }
        return send(head, stored.transmit(), key, stored.status());
    }

    private boolean answerNotModified(CacheKey key, StoredResponse stored) throws IOException {
        HeadWriter head = begin(key, stored, 304);
        if (head.isTooLong()) {
            return false;
        }
        begin(head, null, key, 304);
        return true;
    }

    private boolean answerRange(CacheKey key, StoredResponse stored, ByteRange range) throws IOException {
        HeadWriter head = begin(key, stored, 206)
                .line("Content-Range", range.contentRange(stored.completeLength()))
                .line("Content-Length", range.length());
        return !head.isTooLong() && send(head, stored.transmit(range), key, 206);
    }

    private boolean send(HeadWriter head, @Nullable Transmission content, CacheKey key, int status) throws IOException {
        if (content == null) {
            return false; // it left the store meanwhile
        }
        begin(head, content, key, status);
        return true;
    }

    private void begin(HeadWriter head, @Nullable Transmission content, CacheKey key, int status) throws IOException {
        send.begin(head.end(), content, key.target(), note(status), current.head.isLast());
    }

    private @Nullable EarlyNote note(int status) {
        String id = current.requestId;
        if (id == null) {
            return null;
        }
        PlainHead request = current.head;
        InetAddress peer = source.address();
        InetAddress client = current.believed ? hits.log().client(peer, clients(request)) : peer;
        return new EarlyNote(
                System.currentTimeMillis(),
                current.beganNanos,
                client,
                client.equals(peer) ? null : peer,
                current.host,
                current.target,
                status,
                id,
                request.value(REFERER),
                request.value(USER_AGENT),
                request.value(TRACEPARENT));
    }

    /** Who asks, as proxies say. */
    private static @Nullable String clients(PlainHead request) {
        String named = request.forwardedFor();
        String elements = named == null ? request.forwardedFields().combined(ForwardedFields.FORWARDED) : null;
        return elements == null ? named : ClientAddress.inForwarded(elements);
    }

    /** RFC 9110, section 8.6. */
    private static boolean hasLength(int status) {
        return status != 204 && status != 304;
    }

    /** All but the length, which is left to the caller, and what belongs to a range. */
    private HeadWriter begin(CacheKey key, StoredResponse stored, int status) {
        HeadWriter head = current.response.begin(stored, status, context.tellsKeys() ? key : null, current.now);
        boolean logged = hits.log().isActive();
        String id = current.givenId == null && logged ? RequestId.make() : current.givenId;
        current.requestId = logged ? id : null;
        if (id != null) {
            head.line("X-Request-Id", id);
        }
        return current.head.isLast() ? head.line("Connection", "close") : head;
    }
}
