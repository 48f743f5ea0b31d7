using Mesh.Client.Model;

namespace Mesh.Client.Tests.Model;

public sealed class LoadReportTests
{
    [Theory]
    [InlineData("rif=3,st=8.2", 3, 8.2f)]
    [InlineData("rif=0,st=0.1", 0, 0.1f)]
    [InlineData(" st=12 , rif=7 ", 7, 12f)]
    [InlineData("rif=3,st=8,cpu=0.5", 3, 8f)]
    [InlineData("rif=99999999,st=8", 65535, 8f)]
    public void TryParse_reads(string text, int inFlight, float serviceMs)
    {
        Assert.True(LoadReport.TryParse(text, out var report));
        Assert.Equal(new LoadReport(inFlight, serviceMs), report);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rif=3")]
    [InlineData("st=8")]
    [InlineData("rif=-1,st=8")]
    [InlineData("rif=3,st=0")]
    [InlineData("rif=3,st=-1")]
    [InlineData("rif=3,st=NaN")]
    [InlineData("rif=3,st=Infinity")]
    [InlineData("rif=3,st=1e9")]
    [InlineData("rif=3,st=3600001")]
    [InlineData("rif=3.5,st=8")]
    [InlineData("rif=99999999999999999999,st=8")]
    [InlineData("rif=,st=")]
    [InlineData("rif=x,st=8,rif=3")]
    [InlineData("RIF=3,ST=8")]
    public void TryParse_refuses_what_makes_no_sense(string text) => Assert.False(LoadReport.TryParse(text, out _));

    [Theory]
    [InlineData(3, 8.2f, "rif=3,st=8.2")]
    [InlineData(0, 120f, "rif=0,st=120")]
    public void ToString_is_what_is_read(int inFlight, float serviceMs, string text)
    {
        Assert.Equal(text, new LoadReport(inFlight, serviceMs).ToString());
        Assert.True(LoadReport.TryParse(text, out var report));
        Assert.Equal(new LoadReport(inFlight, serviceMs), report);
    }
}
