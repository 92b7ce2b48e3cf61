/** Asking the origin: connections, one call, and what of a message goes on. Start with {@code OriginClient}. */
@NullMarked
package dev.lastref.http.origin;

import org.jspecify.annotations.NullMarked;
