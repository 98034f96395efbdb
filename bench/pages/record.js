// A record says when the navigation that led to it began. It and the adapter are of one origin and read one clock.
const navigation = new BroadcastChannel("bench-records");
navigation.postMessage({ url: location.href, startedAt: performance.timeOrigin });
