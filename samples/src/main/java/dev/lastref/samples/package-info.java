/**
 * Runnable examples of Lastref.
 *
 * <p>{@link dev.lastref.samples.origin} is an origin server that computes what it serves, {@link dev.lastref.samples.demo} is the tour
 * behind {@code ./lastref demo}. Nothing depends on this module. Start reading at {@code Demo}.
 */
@NullMarked
package dev.lastref.samples;

import org.jspecify.annotations.NullMarked;
