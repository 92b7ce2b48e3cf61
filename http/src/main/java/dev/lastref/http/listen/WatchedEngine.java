package dev.lastref.http.listen;

import dev.lastref.http.log.ConnectionTally.Handshake;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's engine of one connection, watched for how its handshake ends: the server keeps that to itself, since it meets some faults
 * where nobody reads. For the connection's I/O thread, but for the tasks.
 */
final class WatchedEngine extends SSLEngine {
    /** The alerts of RFC 8446, section 6.2, by which a client says so, have it in their names; but for the second. */
    private static final List<String> ABOUT_CERTIFICATES = List.of("certificate", "unknown_ca");

    private final SSLEngine engine;
    private Consumer<byte[]> plainHttp = first -> {};
    private boolean handshakeOver;
    /** Something of TLS has come. */
    private boolean heard;
    /** What has come is no TLS but HTTP: whoever has sent it understands no alert, and has to be told by others. */
    private boolean silent;

    /** The begin of a record has come, whose rest is awaited: who reads keeps it in a buffer. */
    private boolean withinRecord;

    private @Nullable SSLException fault;

    WatchedEngine(SSLEngine engine) {
        super(engine.getPeerHost(), engine.getPeerPort());
        this.engine = engine;
    }

    /**
     * Has somebody told if HTTP comes in place of TLS, with the bytes of it that are there. The engine has nothing to say then, and the
     * connection is about to be ended.
     */
    void ifPlainHttp(Consumer<byte[]> told) {
        plainHttp = told;
    }

    /** Whether a handshake is complete. */
    boolean isHandshakeOver() {
        return handshakeOver;
    }

    /** Whether a part of a record has come, and is held until it is whole. */
    boolean isWithinRecord() {
        return withinRecord;
    }

    /** Why it has failed, once the connection has ended without. */
    Handshake failure() {
        SSLException thrown = fault;
        if (thrown == null) {
            return Handshake.CLOSED;
        }
        String said = String.valueOf(thrown.getMessage()).toLowerCase(Locale.ROOT);
        return ABOUT_CERTIFICATES.stream().anyMatch(said::contains) ? Handshake.CERTIFICATE : Handshake.PROTOCOL;
    }

    private interface Step {
        SSLEngineResult take() throws SSLException;
    }

    private SSLEngineResult watched(Step step) throws SSLException {
        try {
            SSLEngineResult result = step.take();
            handshakeOver |= result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.FINISHED;
            return result;
        } catch (SSLException thrown) {
            if (fault == null) {
                fault = thrown;
            }
            throw thrown;
        }
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] from, int offset, int length, ByteBuffer to) throws SSLException {
        if (silent) {
            return new SSLEngineResult(
                    SSLEngineResult.Status.CLOSED, SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING, 0, 0);
        }
        return watched(() -> engine.wrap(from, offset, length, to));
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] to, int offset, int length) throws SSLException {
        int begin = from.position();
        try {
            SSLEngineResult result = watched(() -> engine.unwrap(from, to, offset, length));
            heard |= result.bytesConsumed() > 0;
            withinRecord = result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW && from.hasRemaining();
            return result;
        } catch (SSLException noTls) {
            if (!heard && !silent && PlainHttp.isBegunBy(from, begin)) {
                silent = true;
                byte[] first = new byte[from.limit() - begin];
                from.get(begin, first);
                plainHttp.accept(first);
            }
            throw noTls;
        }
    }

    @Override
    public @Nullable Runnable getDelegatedTask() {
        return engine.getDelegatedTask();
    }

    @Override
    public void closeInbound() throws SSLException {
        engine.closeInbound();
    }

    @Override
    public boolean isInboundDone() {
        return engine.isInboundDone();
    }

    @Override
    public void closeOutbound() {
        engine.closeOutbound();
    }

    @Override
    public boolean isOutboundDone() {
        return engine.isOutboundDone();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return engine.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return engine.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        engine.setEnabledCipherSuites(suites);
    }

    @Override
    public String[] getSupportedProtocols() {
        return engine.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        return engine.getEnabledProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        engine.setEnabledProtocols(protocols);
    }

    @Override
    public SSLSession getSession() {
        return engine.getSession();
    }

    @Override
    public @Nullable SSLSession getHandshakeSession() {
        return engine.getHandshakeSession();
    }

    @Override
    public void beginHandshake() throws SSLException {
        engine.beginHandshake();
    }

    @Override
    public SSLEngineResult.HandshakeStatus getHandshakeStatus() {
        return engine.getHandshakeStatus();
    }

    @Override
    public void setUseClientMode(boolean client) {
        engine.setUseClientMode(client);
    }

    @Override
    public boolean getUseClientMode() {
        return engine.getUseClientMode();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        engine.setNeedClientAuth(need);
    }

    @Override
    public boolean getNeedClientAuth() {
        return engine.getNeedClientAuth();
    }

    @Override
    public void setWantClientAuth(boolean want) {
        engine.setWantClientAuth(want);
    }

    @Override
    public boolean getWantClientAuth() {
        return engine.getWantClientAuth();
    }

    @Override
    public void setEnableSessionCreation(boolean enable) {
        engine.setEnableSessionCreation(enable);
    }

    @Override
    public boolean getEnableSessionCreation() {
        return engine.getEnableSessionCreation();
    }

    @Override
    public SSLParameters getSSLParameters() {
        return engine.getSSLParameters();
    }

    @Override
    public void setSSLParameters(SSLParameters parameters) {
        engine.setSSLParameters(parameters);
    }

    @Override
    public @Nullable String getApplicationProtocol() {
        return engine.getApplicationProtocol();
    }

    @Override
    public @Nullable String getHandshakeApplicationProtocol() {
        return engine.getHandshakeApplicationProtocol();
    }

    @Override
    public void setHandshakeApplicationProtocolSelector(BiFunction<SSLEngine, List<String>, String> selector) {
        engine.setHandshakeApplicationProtocolSelector(selector);
    }

    @Override
    public @Nullable BiFunction<SSLEngine, List<String>, String> getHandshakeApplicationProtocolSelector() {
        return engine.getHandshakeApplicationProtocolSelector();
    }
}
