/**
 * An origin server that really computes what it serves, so that a cache in front of it has something to save.
 *
 * <p>It needs nothing but the JDK. {@code DemoOrigin} assembles it; {@code Front} speaks HTTP; every other public path is a
 * {@code Resource}, a function from a {@code Request} to an {@code Answer} that knows nothing of connections. Everything but the clock is
 * a function of the path, so that a client can verify what it got. Start reading at {@code DemoOrigin}.
 */
@NullMarked
package dev.lastref.samples.origin;

import org.jspecify.annotations.NullMarked;
