using System.Buffers;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Reads a response body up to a bound, so that a broken or hostile registry cannot fill the memory.</summary>
internal static class BoundedBody
{
    /// <summary>Reads the whole body and gives it to <paramref name="parse"/>, whose result must not keep the memory.</summary>
    /// <exception cref="EurekaException">The body has <paramref name="limit"/> bytes or more, decompressed; no more than that was read.</exception>
    public static async Task<T> ReadAsync<T>(HttpContent content, int limit, Func<ReadOnlyMemory<byte>, T> parse, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength >= limit)
        {
            throw TooLong(limit);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    // Both are powers of two, so that the largest buffer is as long as the limit.
                    var larger = ArrayPool<byte>.Shared.Rent(length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return parse(buffer.AsMemory(0, length));
                }

                length += read;
                if (length >= limit)
                {
                    throw TooLong(limit);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static EurekaException TooLong(int limit) => new($"its answer has {limit / (1024 * 1024)} MiB or more and was not read");
}
