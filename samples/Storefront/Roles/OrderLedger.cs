using System.Text;
using Storefront.Controls;

namespace Storefront.Roles;

/// <summary>The orders that this instance accepted, one id a line, in a file that outlives the process.</summary>
internal sealed class OrderLedger(DemoSettings settings) : IDisposable
{
    // One writer at a time, so that lines do not mix. Each instance has its own file: two processes would overwrite each other's end.
    private readonly SemaphoreSlim _writing = new(1);
    private readonly FileStream _file = new(
        settings.Ledger ?? throw new InvalidOperationException("Demo:Ledger is not set: an orders instance needs the file of its ledger."),
        FileMode.Append,
        FileAccess.Write,
        FileShare.Read,
        bufferSize: 0);

    /// <summary>Returns when the line is with the operating system: from then on not even SIGKILL loses it.</summary>
    public async Task AppendAsync(Order order)
    {
        var line = Encoding.UTF8.GetBytes(order.Id + '\n');
        await _writing.WaitAsync();
        try
        {
            await _file.WriteAsync(line);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _writing.Dispose();
    }
}
