/** What both sides of the sidecar, clients and origin, have in common: the fields of a message, and why one did not come. */
@NullMarked
package dev.lastref.http.message;

import org.jspecify.annotations.NullMarked;
