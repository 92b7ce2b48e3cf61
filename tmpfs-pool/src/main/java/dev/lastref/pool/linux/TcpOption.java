package dev.lastref.pool.linux;

/**
 * TCP socket options that the JDK does not offer (linux/tcp.h). Set on a listening socket they are inherited by every connection
 * that it accepts.
 */
public enum TcpOption {
    /** Milliseconds that sent data may stay unacknowledged, or a window closed, before the connection is reset; 0: no bound. */
    TCP_USER_TIMEOUT(18),
    /** Bytes of unsent data above which the socket is not writable: bounds what one stalled reader can pin. */
    TCP_NOTSENT_LOWAT(25);

    private final int number;

    TcpOption(int number) {
        this.number = number;
    }

    /** Sets the option on a socket. */
    public void set(int fd, int value) throws NativeException {
        int option = number;
        if (LibC.setsockopt(fd, LibC.IPPROTO_TCP, option, new int[] {value}, Integer.BYTES) == -1) {
            throw LibC.failed("setsockopt", fd, "IPPROTO_TCP", name(), value);
        }
    }

    /** Reads the option from a socket. */
    public int get(int fd) throws NativeException {
        int option = number;
        int[] value = new int[1];
        if (LibC.getsockopt(fd, LibC.IPPROTO_TCP, option, value, new int[] {Integer.BYTES}) == -1) {
            throw LibC.failed("getsockopt", fd, "IPPROTO_TCP", name());
        }
        return value[0];
    }
}
