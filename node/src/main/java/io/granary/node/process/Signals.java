package io.granary.node.process;

import io.granary.node.config.Configuration;
import io.granary.node.log.NodeLog;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * What signals do to a node: TERM and INT ask for an orderly end, a second INT ends it at once, HUP and USR1 do nothing. The
 * JDK's class for signals lives in {@code sun.misc}, which javac warns about without a way to say that it is meant; so it is
 * reached by name. Where it is missing the signals keep their usual effect.
 *
 * <p>A shell starts what runs in the background of a script with INT ignored. The JVM honours that and takes no handler
 * for an ignored signal; redis-server does not, and scripts rely on it. So the signal gets its default effect back first.
 */
final class Signals implements InvocationHandler {
    private static final long SIG_DFL = 0;

    private final Configuration configuration;
    private final NodeLog log;
    private final Shutdown shutdown;
    private final Runnable abort;

    private Signals(Configuration configuration, NodeLog log, Shutdown shutdown, Runnable abort) {
        this.configuration = configuration;
        this.log = log;
        this.shutdown = shutdown;
        this.abort = abort;
    }

    /**
     * Takes the signals over.
     *
     * @param abort ends the process with a failure, at once
     */
    static void handle(Configuration configuration, NodeLog log, Shutdown shutdown, Runnable abort) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Method handle = signal.getMethod("handle", signal, handler);
            Object ours = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler},
                    new Signals(configuration, log, shutdown, abort));
            Object ignored = handler.getField("SIG_IGN").get(null);
            for (String name : new String[] {"TERM", "INT", "HUP", "USR1"}) {
                boolean ends = name.equals("TERM") || name.equals("INT");
                Object number = signal.getConstructor(String.class).newInstance(name);
                Object before = handle.invoke(null, number, ends ? ours : ignored);
                if (ends && before == ignored) {
                    restoreDefault((int) signal.getMethod("getNumber").invoke(number));
                    handle.invoke(null, number, ours);
                }
            }
        } catch (ReflectiveOperationException failure) {
            log.warning("Signals keep their usual effect: " + failure);
        }
    }

    /** Linked only here, where it is needed: each shape of a system call costs the JVM 0.1 s at a start. */
    private static void restoreDefault(int signal) {
        Linker linker = Linker.nativeLinker();
        MethodHandle call = linker.downcallHandle(linker.defaultLookup().find("signal").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
        try {
            long _ = (long) call.invokeExact(signal, SIG_DFL);
        } catch (Throwable failure) {
            throw new IllegalStateException("signal " + signal + " stays ignored", failure);
        }
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "handle" -> {
                received(arguments[0].toString());
                yield null;
            }
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "the signals of a node";
        };
    }

    private void received(String signal) {
        if (shutdown.isRequested() && signal.equals("SIGINT")) {
            say("You insist... exiting now.");
            abort.run();
        }
        say("Received " + signal + " scheduling shutdown...");
        String words = configuration.choice(signal.equals("SIGINT") ? "shutdown-on-sigint" : "shutdown-on-sigterm").value();
        shutdown.request(Shutdown.Wish.of(words, () -> log.warning(
                signal + " received but errors trying to shut down the server, check the logs for more information")));
    }

    private void say(String message) {
        log.signal(message, System.currentTimeMillis() / 1000);
    }
}
