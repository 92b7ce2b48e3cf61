/**
 * The tour behind {@code ./lastref demo}: a demo origin, a sidecar in front of it, and a walk that shows what the one saves the other.
 *
 * <p>{@code Demo} assembles the three and is the only class here that knows the sidecar's code. {@code Tour} knows it as any client does,
 * by its HTTP answers and its administration API. Start reading at {@code Tour}.
 */
@NullMarked
package dev.lastref.samples.demo;

import org.jspecify.annotations.NullMarked;
