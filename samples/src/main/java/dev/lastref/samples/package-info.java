/**
 * Runnable examples of Lastref.
 *
 * <p>{@link dev.lastref.samples.origin} is an origin server that computes what it serves, {@link dev.lastref.samples.demo} is the tour
 * behind {@code ./lastref demo}, {@link dev.lastref.samples.blobstore} a blob store that embeds the pool alone. Nothing depends on this
 * module. Start reading at {@code Demo}, or, to use the pool yourself, at {@code Blobs}.
 */
@NullMarked
package dev.lastref.samples;

import org.jspecify.annotations.NullMarked;
