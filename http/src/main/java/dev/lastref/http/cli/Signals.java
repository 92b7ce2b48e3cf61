package dev.lastref.http.cli;

import java.lang.reflect.Proxy;

/**
 * Signals of the operating system, by the JDK's unsupported way to hear of them: a shutdown hook, the supported one, cannot hear of a
 * second signal while it runs. Reflection, since the compiler warns of every other use and cannot be told not to.
 */
final class Signals {
    private Signals() {}

    /**
     * Runs something on a thread of its own whenever the signal comes.
     *
     * @param name as TERM
     * @return whether it will; false: this JVM does not let us, or keeps the signal for itself
     */
    static boolean handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getDeclaringClass() == Object.class) {
                            return switch (method.getName()) {
                                case "hashCode" -> System.identityHashCode(proxy);
                                case "equals" -> proxy == arguments[0];
                                default -> "handler of SIG" + name;
                            };
                        }
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
