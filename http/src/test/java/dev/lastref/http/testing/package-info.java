/** What the sidecar's tests use: an origin that does what a test says, a client that keeps every byte, and a sidecar between them. */
package dev.lastref.http.testing;
